/** Where the pages come from: lessons by module, and the pages around them; one file for each language. */

import { defineCollection } from 'astro:content'
import { docsSchema } from '@astrojs/starlight/schema'
import { glob } from 'astro/loaders'
import { z } from 'astro/zod'

/** `01-pods/03-your-first-pod/zh-cn.mdx` → `zh-cn/pods/your-first-pod`. English stands at the root, a language's first page at its name. */
function pageId(entry: string): string {
  const [, path = '', locale = ''] = /^(?:pages\/)?(.*)\/([^/]+)\.mdx$/.exec(entry) ?? []
  const name = path.replace(/(^|\/)\d+-/g, '$1')
  if (locale === 'en') return name
  return name === 'index' ? locale : `${locale}/${name}`
}

/** What stands beside the text: a named cluster, or that of an exercise. */
const stage = z.object({
  preset: z.string().optional(),
  exercise: z.string().optional(),
  /** A playground: the visitor chooses the cluster. */
  free: z.boolean().default(false),
})

const ours = z.object({
  stage: stage.optional(),
  /** The number in the curriculum. */
  lesson: z.number().optional(),
  minutes: z.number().optional(),
  /** The page brings its own heading. */
  bare: z.boolean().default(false),
})

export const collections = {
  docs: defineCollection({
    loader: glob({
      base: './lessons',
      pattern: ['[0-9]*/*/*.mdx', 'pages/*/*.mdx'],
      generateId: ({ entry }) => pageId(entry),
    }),
    schema: docsSchema({ extend: ours }),
  }),
}
