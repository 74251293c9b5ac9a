/** What a kubelet answers over HTTP is what it answers in the same process. */
export { follows, logOptions, logText, uidOf, unreachable } from '../../engine/cluster/kubelet-answers.ts'
