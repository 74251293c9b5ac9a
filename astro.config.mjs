// @ts-check
import mdx from '@astrojs/mdx'
import preact from '@astrojs/preact'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'

export default defineConfig({
  srcDir: './lessons/site',
  publicDir: './lessons/site/public',
  outDir: './dist/site',
  output: 'static',
  integrations: [
    starlight({
      title: 'kubefold',
      description: 'Learn Kubernetes on a whole cluster that runs in your browser.',
      defaultLocale: 'root',
      locales: {
        root: { label: 'English', lang: 'en' },
        'zh-cn': { label: '简体中文', lang: 'zh-CN' },
      },
      favicon: '/favicon.svg',
      customCss: ['./lessons/site/styles/kubefold.css'],
      sidebar: [
        {
          label: 'Pods',
          translations: { 'zh-CN': 'Pod' },
          items: ['pods/your-first-pod'],
        },
        {
          label: 'Workloads',
          translations: { 'zh-CN': '工作负载' },
          items: ['workloads/deployments'],
        },
        {
          label: 'Cluster',
          translations: { 'zh-CN': '集群' },
          items: ['playground', 'left-out'],
        },
      ],
      credits: false,
    }),
    preact(),
    mdx(),
  ],
})
