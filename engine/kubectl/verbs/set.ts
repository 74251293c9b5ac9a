/** `kubectl set`: changes of the few fields that people change most. */
import type { Command } from '../command.ts'
import { setEnv } from './set/env.ts'
import { setImage } from './set/image.ts'
import { setResources } from './set/resources.ts'
import { setSelector } from './set/selector.ts'
import { setServiceAccount } from './set/service-account.ts'
import { setSubject } from './set/subject.ts'

export const setCommand: Command = {
  name: 'set',
  usage: 'SUBCOMMAND',
  short: 'Set specific features on objects',
  group: 'Basic Commands (Beginner)',
  help: 'Change images, environment variables, resources and the like of objects that are there already.',
  flags: {},
  commands: [setImage, setResources, setSelector, setSubject, setServiceAccount, setEnv],
}
