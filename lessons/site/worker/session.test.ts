import { describe, expect, it } from 'vitest'
import { openShared, sharedFrom } from '../../../engine/cluster/history.ts'
import { presetWorld } from '../../../engine/cluster/presets/named.ts'
import { hashWorld } from '../../../engine/cluster/save.ts'
import { complete } from './complete.ts'
import { frameOf, nothingSent } from './frames.ts'
import { problemsOf } from './problems.ts'
import { beginSession, branch, enter, look, pass, redo, type Session, stepOnce, undo } from './session.ts'

const BEGINNING = presetWorld('two-nodes', 1)!
const begin = (): Session => beginSession('two-nodes', 1, BEGINNING)
const never = () => false

/** Lets time pass in slices of so many facts at most. */
function passInSlices(session: Session, millis: number, most: number): Session {
  const until = session.history.world.now + millis
  let next = session
  while (next.history.world.now < until) {
    let count = 0
    next = pass(next, until, () => count++ >= most)
  }
  return next
}

const hashOf = ({ history }: Session): string => hashWorld(history.world)

describe('a session', () => {
  it('comes to the same world in slices of any size, and so does the link to it', () => {
    const play = (most: number) =>
      passInSlices(
        enter(passInSlices(enter(begin(), ['kubectl apply -f web.yaml']), 3000, most), [
          'kubectl scale deployment web --replicas=1',
        ]),
        9000,
        most,
      )
    const once = play(1)
    expect(hashOf(play(7))).toBe(hashOf(once))
    expect(hashOf(play(1000))).toBe(hashOf(once))
    expect(hashWorld(openShared(sharedFrom(once.history), BEGINNING).world)).toBe(hashOf(once))
  })

  it('undoes one deed at a time, even when time stood still between them, and redoes it', () => {
    const one = enter(begin(), ['kubectl run one --image=nginx'])
    const two = enter(one, ['kubectl run two --image=nginx'])
    expect(hashOf(undo(two))).toBe(hashOf(one))
    expect(hashOf(undo(undo(two)))).toBe(hashWorld(BEGINNING))
    expect(hashOf(redo(undo(two)))).toBe(hashOf(two))
  })

  it('looks at the past without changing it, and goes on from there', () => {
    const later = pass(enter(begin(), ['kubectl run one --image=nginx']), BEGINNING.now + 5000, never)
    const looking = look(later, BEGINNING.now)
    expect(hashWorld(looking.seen)).not.toBe(hashOf(later))
    expect(hashOf(looking)).toBe(hashOf(later))
    expect(branch(looking).history.world.now).toBe(BEGINNING.now)
  })

  it('keeps lines that were pasted until the one before has ended', () => {
    const pasted = enter(begin(), ['sleep 2', 'echo done'])
    expect(pasted.waiting).toEqual(['echo done'])
    expect(pass(pasted, BEGINNING.now + 3000, never).waiting).toEqual([])
  })

  it('steps one fact and names it', () => {
    const before = enter(begin(), ['kubectl run one --image=nginx'])
    const after = stepOnce(before)
    expect(after.history.world.happened).toBe(before.history.world.happened + 1)
    expect(after.stepped).toMatch(/^\w+\/\w+/)
  })
})

describe('a frame', () => {
  it('holds only what is new', () => {
    const [first, sent] = frameOf(begin(), nothingSent(BEGINNING.server.store.revision))
    expect(first.scene?.nodes).toHaveLength(2)
    const [second] = frameOf(begin(), sent)
    expect(second.scene).toBeUndefined()
    expect(second.printed).toBeUndefined()
  })

  it('prints anew when the past no longer has what was printed', () => {
    const typed = enter(begin(), ['echo one'])
    const [, sent] = frameOf(typed, nothingSent(0))
    const [frame] = frameOf(enter(undo(typed), ['echo two']), sent)
    expect(frame.printed?.anew).toBe(true)
    expect(frame.printed?.pieces.map(({ text }) => text).join('')).toBe('~$ echo two\ntwo\n')
  })
})

describe('completion', () => {
  it('knows commands, verbs, live names and files', () => {
    const { history } = pass(enter(begin(), ['kubectl run solo --image=nginx']), BEGINNING.now + 2000, never)
    expect(complete(history.world, 'kubec').words).toEqual(['kubectl'])
    expect(complete(history.world, 'kubectl descr').words).toEqual(['describe'])
    expect(complete(history.world, 'kubectl get pod s').words).toEqual(['solo'])
    expect(complete(history.world, 'kubectl apply -f gue').words).toEqual(['guestbook.yaml'])
    expect(complete(history.world, 'cat web.yaml | gre').words).toEqual(['grep'])
  })
})

describe('problems of a manifest', () => {
  it('stand at the line that is wrong, in the words of the API server', () => {
    const text = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    imge: nginx\n'
    expect(problemsOf(text)).toEqual([{ line: 8, says: 'unknown field "spec.containers[0].imge"' }])
    expect(problemsOf('a: b\n')).toEqual([{ line: 1, says: 'apiVersion not set' }])
    expect(problemsOf(`${text.replace('imge', 'image')}---\nkind: [\n`)[0]?.line).toBeGreaterThanOrEqual(10)
  })
})
