// @ts-check
import mdx from '@astrojs/mdx'
import preact from '@astrojs/preact'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'

/** Parts of Starlight's pages that are ours. */
const COMPONENTS = ['Header', 'PageTitle', 'TwoColumnContent']

/** In the order in which they are to win. */
const STYLES = [
  'kubefold',
  'top',
  'text',
  'landing',
  'lesson',
  'exercise',
  'stage',
  'map',
  'inspector',
  'panes',
  'files',
  'terminal',
  'time',
  'help',
  'narrow',
]

export default defineConfig({
  srcDir: './lessons/site',
  publicDir: './lessons/site/public',
  outDir: './dist/site',
  output: 'static',
  ...(process.env.SITE_BASE && { base: process.env.SITE_BASE }),
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
      customCss: STYLES.map((name) => `./lessons/site/styles/${name}.css`),
      components: Object.fromEntries(COMPONENTS.map((name) => [name, `./lessons/site/components/${name}.astro`])),
      expressiveCode: { styleOverrides: { borderRadius: '0.5rem' } },
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
      pagination: false,
      credits: false,
    }),
    preact(),
    mdx(),
  ],
  vite: {
    worker: { format: 'es' },
    build: { chunkSizeWarningLimit: 2000 },
  },
})
