/** The modules and their lessons, as menus and the first page list them. */
import type { Language } from '../page/strings.ts'

export interface LessonEntry {
  readonly id: string
  readonly title: Readonly<Record<Language, string>>
  readonly about: Readonly<Record<Language, string>>
  readonly minutes: number
}

export interface Module {
  readonly title: Readonly<Record<Language, string>>
  readonly lessons: readonly LessonEntry[]
}

export const CURRICULUM: readonly Module[] = [
  {
    title: { en: 'Pods', 'zh-cn': 'Pod' },
    lessons: [
      {
        id: 'pods/your-first-pod',
        title: { en: 'Your first Pod', 'zh-cn': '第一个 Pod' },
        about: {
          en: 'Make one two ways, find out where it runs, and see that nobody brings it back.',
          'zh-cn': '用两种方式创建它，找到它在哪里运行，再看看没有谁会把它带回来。',
        },
        minutes: 10,
      },
    ],
  },
  {
    title: { en: 'Workloads', 'zh-cn': '工作负载' },
    lessons: [
      {
        id: 'workloads/deployments',
        title: { en: 'Deployments and ReplicaSets', 'zh-cn': 'Deployment 与 ReplicaSet' },
        about: {
          en: 'Ask for four Pods, take one away, cut the power of a node, and watch who repairs what.',
          'zh-cn': '要四个 Pod，拿走一个，再切断一个节点的电源，看谁修好了什么。',
        },
        minutes: 15,
      },
    ],
  },
]
