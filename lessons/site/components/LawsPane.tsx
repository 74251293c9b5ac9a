/** Sentences that hold of every working cluster, looked at live: which hold now, and which object breaks one. */
import { useEffect, useState } from 'preact/hooks'
import { ask } from '../page/connection.ts'
import type { Strings } from '../page/strings.ts'
import { useShown } from '../page/use-shown.ts'
import type { Law } from '../worker/laws.ts'
import { ICONS } from './icons.tsx'

export function LawsPane({ words }: { readonly words: Strings }) {
  const revision = useShown((shown) => shown.scene?.revision)
  const [laws, setLaws] = useState<readonly Law[]>([])
  useEffect(() => {
    let current = true
    void ask({ asks: 'laws' }).then((answer) => current && setLaws(answer))
    return () => {
      current = false
    }
  }, [revision])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
    <ul class="laws" tabIndex={0} aria-label={words.laws}>
      {laws.map(({ sentence, because, kind, broken }) => (
        <li key={sentence} class={broken.length > 0 ? (kind === 'always' ? 'broken' : 'open') : 'holds'}>
          <span class="law-sign">{broken.length > 0 ? '○' : ICONS.check}</span>
          <div>
            <strong>{sentence}</strong>{' '}
            <em>
              {words.because} {because}
            </em>
            {broken.map(({ object, says }) => (
              <div key={object} class="breach">
                {object}: {says}
              </div>
            ))}
          </div>
        </li>
      ))}
    </ul>
  )
}
