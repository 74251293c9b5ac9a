/** What a check says when it is not met, in the languages of the course. An exercise's own prose may say it better, under the same key. */
export type Locale = 'en' | 'zh-cn'

export const SENTENCES: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: {
    'not-there': 'There is no {object} among the {resource}. What is there: {nearest}.',
    differs: '{object} has {found} at {path}, and should have {wanted}.',
    'still-there': '{object} is still there.',
    count: 'There are {found} of {object}, and there should be {wanted}.',
    'not-deleted': 'No {object} has been deleted yet.',
    'not-yet': 'Not yet.',
    'no-answer': 'Nothing has been answered yet.',
    'wrong-answer': '“{said}” is not right.',
    first: 'First comes the task “{task}”.',
  },
  'zh-cn': {
    'not-there': '{resource} 中没有 {object}。现有：{nearest}。',
    differs: '{object} 的 {path} 是 {found}，应为 {wanted}。',
    'still-there': '{object} 还在。',
    count: '{object} 有 {found} 个，应有 {wanted} 个。',
    'not-deleted': '还没有删除过 {object}。',
    'not-yet': '还没有。',
    'no-answer': '还没有回答。',
    'wrong-answer': '“{said}”不对。',
    first: '请先完成任务“{task}”。',
  },
}

/** A sentence with its facts filled in; own sentences come before the common ones. */
export function sentence(
  says: string,
  facts: Readonly<Record<string, string>>,
  locale: Locale,
  own: Readonly<Record<string, string>> = {},
): string {
  const text = own[says] ?? SENTENCES[locale][says] ?? says
  return text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole)
}
