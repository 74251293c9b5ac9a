import { expect, test } from 'vitest'
import { presetWorld } from '../../engine/cluster/presets/named.ts'
import { playScript } from './play-script.ts'
import { readScript } from './script.ts'

function transcriptOf(text: string): { readonly out: string; readonly code: number } {
  let out = ''
  const { code } = playScript(presetWorld('one-node', 1)!, readScript(text), (piece) => {
    out += piece
  })
  return { out, code }
}

const SCRIPT = `# two Pods
kubectl create deployment web --image=nginx --replicas=2
+10s
kubectl get deployment web -o jsonpath='{.status.readyReplicas}'; echo
for word in a b; do
echo $word
done
cat
^D
sleep 1000
+2s
^C
false
`

test('a script becomes a transcript, and its code is that of the last command', () => {
  const { out, code } = transcriptOf(SCRIPT)
  expect(out).toContain('+10s\n')
  expect(out).toContain("$ kubectl get deployment web -o jsonpath='{.status.readyReplicas}'; echo\n2\n")
  expect(out).toContain('$ for word in a b; do\n> echo $word\n> done\na\nb\n')
  expect(out).toContain('$ sleep 1000\n+2s\n^C\n$ false\n')
  expect(code).toBe(1)
})

test('a transcript is a script that gives itself', () => {
  const { out } = transcriptOf(SCRIPT)
  expect(transcriptOf(out).out).toBe(out)
})

test('a line that looks like a time but is none is typed', () => {
  expect(readScript('+x\n+5s\n')).toEqual([
    { do: 'type', line: '+x' },
    { do: 'wait', time: 5000, text: '+5s' },
  ])
})
