/** Addresses within the site, by language, under whatever path it is served. */
import type { Language } from '../page/strings.ts'

const BASE = import.meta.env.BASE_URL.replace(/\/$/, '')

export const pathTo = (language: Language, id: string): string =>
  `${BASE}${language === 'en' ? '' : `/${language}`}/${id === '' ? '' : `${id}/`}`

export const languageOf = (locale: string | undefined): Language => (locale === 'zh-cn' ? 'zh-cn' : 'en')

/** `zh-cn/pods/your-first-pod` → `pods/your-first-pod` */
export function plainId(id: string): string {
  const plain = id.replace(/^zh-cn(\/|$)/, '')
  return plain === 'index' ? '' : plain
}
