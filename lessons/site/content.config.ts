import { docsSchema } from '@astrojs/starlight/schema'
import { defineCollection } from 'astro:content'
import { glob } from 'astro/loaders'

/** `01-pods/03-your-first-pod/zh-cn.mdx` → `zh-cn/pods/your-first-pod`. English stands at the root. */
function pageId(entry: string): string {
  const [, path = '', locale = ''] = /^(.*)\/([^/]+)\.mdx$/.exec(entry) ?? []
  const name = path.replace(/(^|\/)\d+-/g, '$1')
  return locale === 'en' ? name : `${locale}/${name}`
}

export const collections = {
  docs: defineCollection({
    loader: glob({
      base: './lessons',
      pattern: ['[0-9]*/*/*.mdx', 'pages/*/*.mdx'],
      generateId: ({ entry }) => pageId(entry.replace(/^pages\//, '')),
    }),
    schema: docsSchema(),
  }),
}
