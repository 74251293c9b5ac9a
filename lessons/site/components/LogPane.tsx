/** What was written lately, and by whom; the newest on top. */
import { select } from '../page/connection.ts'
import type { Strings } from '../page/strings.ts'
import { useScene, useShown } from '../page/use-shown.ts'
import { clockText } from './TimeBar.tsx'

const KNOWN = new Set(['pods', 'nodes', 'services', 'deployments.apps', 'replicasets.apps'])

export function LogPane({ words }: { readonly words: Strings }) {
  const happenings = useScene()?.happenings
  const begins = useShown((shown) => shown.frame?.begins ?? 0)
  if (!happenings || happenings.length === 0) return <p class="opening">{words.nothingHappened}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
    <ol class="log" tabIndex={0} aria-label={words.log}>
      {happenings.toReversed().map(({ revision, at, who, what, resource, key }) => (
        <li key={revision}>
          <time>{clockText(Math.max(0, at - begins)).slice(0, -2)}</time>
          <span class="who">{who}</span>
          {KNOWN.has(resource) ? (
            <button type="button" class="plain" onClick={() => select({ resource, key })}>
              {what}
            </button>
          ) : (
            <span>{what}</span>
          )}
        </li>
      ))}
    </ol>
  )
}
