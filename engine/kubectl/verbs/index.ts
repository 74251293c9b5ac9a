/** All commands, in the order in which help groups them and suggestions are made. */
import type { Command } from '../command.ts'
import { annotateCommand } from './annotate.ts'
import { apiResourcesCommand, apiVersionsCommand } from './api.ts'
import { applyCommand } from './apply.ts'
import { authCommand } from './auth.ts'
import { autoscaleCommand } from './autoscale.ts'
import { clusterInfoCommand } from './cluster-info.ts'
import { completionCommand } from './completion.ts'
import { configCommand } from './config.ts'
import { createCommand } from './create.ts'
import { deleteCommand } from './delete.ts'
import { describeCommand } from './describe.ts'
import { diffCommand } from './diff.ts'
import { editCommand } from './edit.ts'
import { eventsCommand } from './events.ts'
import { execCommand } from './exec.ts'
import { explainCommand } from './explain.ts'
import { exposeCommand } from './expose.ts'
import { getCommand } from './get.ts'
import { labelCommand } from './label.ts'
import { logsCommand } from './logs.ts'
import { cordonCommand, drainCommand, uncordonCommand } from './nodes.ts'
import {
  alphaCommand,
  attachCommand,
  certificateCommand,
  cpCommand,
  debugCommand,
  kubercCommand,
  kustomizeCommand,
  portForwardCommand,
  proxyCommand,
} from './not-modelled.ts'
import { optionsCommand } from './options.ts'
import { patchCommand } from './patch.ts'
import { pluginCommand } from './plugin.ts'
import { replaceCommand } from './replace.ts'
import { rolloutCommand } from './rollout.ts'
import { runCommand } from './run.ts'
import { scaleCommand } from './scale.ts'
import { setCommand } from './set.ts'
import { taintCommand } from './taint.ts'
import { topCommand } from './top.ts'
import { versionCommand } from './version.ts'
import { waitCommand } from './wait.ts'

export const COMMANDS: readonly Command[] = [
  createCommand,
  exposeCommand,
  runCommand,
  setCommand,
  explainCommand,
  getCommand,
  editCommand,
  deleteCommand,
  rolloutCommand,
  scaleCommand,
  autoscaleCommand,
  certificateCommand,
  clusterInfoCommand,
  topCommand,
  cordonCommand,
  uncordonCommand,
  drainCommand,
  taintCommand,
  describeCommand,
  logsCommand,
  attachCommand,
  execCommand,
  portForwardCommand,
  proxyCommand,
  cpCommand,
  authCommand,
  debugCommand,
  eventsCommand,
  diffCommand,
  applyCommand,
  patchCommand,
  replaceCommand,
  waitCommand,
  kustomizeCommand,
  labelCommand,
  annotateCommand,
  completionCommand,
  alphaCommand,
  apiResourcesCommand,
  apiVersionsCommand,
  configCommand,
  kubercCommand,
  pluginCommand,
  versionCommand,
  optionsCommand,
]
