/** `kubectl config`: the kubeconfig itself. */
import type { Command } from '../command.ts'
import {
  deleteCluster,
  deleteContext,
  deleteUser,
  renameContext,
  setCluster,
  setContext,
  setCredentials,
  useContext,
} from './config/entries.ts'
import { setValue, unsetValue } from './config/property.ts'
import { currentContext, getClusters, getContexts, getUsers, viewConfig } from './config/view.ts'

export const configCommand: Command = {
  name: 'config',
  usage: 'SUBCOMMAND',
  short: 'Modify kubeconfig files',
  group: 'Other Commands',
  help: 'Show and change which clusters kubectl knows, as whom it goes there, and which context is the present one.',
  flags: {},
  commands: [
    currentContext,
    deleteCluster,
    deleteContext,
    deleteUser,
    getClusters,
    getContexts,
    getUsers,
    renameContext,
    setValue,
    setCluster,
    setContext,
    setCredentials,
    unsetValue,
    useContext,
    viewConfig,
  ],
}
