/** `kubectl rollout`: new versions of workloads, on their way and back. */
import type { Command } from '../command.ts'
import { rolloutPause, rolloutRestart, rolloutResume } from './rollout/change.ts'
import { rolloutHistory } from './rollout/history.ts'
import { rolloutStatus } from './rollout/status.ts'
import { rolloutUndo } from './rollout/undo.ts'

export const rolloutCommand: Command = {
  name: 'rollout',
  usage: 'SUBCOMMAND',
  short: 'Manage the rollout of a resource',
  group: 'Deploy Commands',
  help: 'See how a new version of a Deployment, DaemonSet or StatefulSet comes along, stop it, or take it back.',
  examples: ['kubectl rollout undo deployment/web', 'kubectl rollout status deployment/web'],
  flags: {},
  commands: [rolloutHistory, rolloutPause, rolloutResume, rolloutUndo, rolloutStatus, rolloutRestart],
  helpOn: 'out',
}
