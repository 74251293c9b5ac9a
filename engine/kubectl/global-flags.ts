/** Flags that every command takes. Upstream: genericclioptions.ConfigFlags and kubectl's own. */
import type { Flags } from './flags.ts'

export const GLOBAL_FLAGS: Flags = {
  as: { kind: 'string', help: 'Act as this user, or as a service account of a namespace.' },
  'as-group': { kind: 'stringArray', help: 'Act as a member of this group; may be given several times.' },
  'as-uid': { kind: 'string', help: 'Act with this uid.' },
  'as-user-extra': {
    kind: 'stringArray',
    help: 'Act with this extra attribute of the user; may be given several times.',
  },
  'cache-dir': { kind: 'string', default: '$HOME/.kube/cache', help: 'Where discovery is remembered.' },
  'certificate-authority': { kind: 'string', help: "The file with the certificate authority's certificate." },
  'client-certificate': { kind: 'string', help: 'The file with our certificate for TLS.' },
  'client-key': { kind: 'string', help: 'The file with our key for TLS.' },
  cluster: { kind: 'string', help: 'The cluster of the kubeconfig to speak to.' },
  context: { kind: 'string', help: 'The context of the kubeconfig to use.' },
  'disable-compression': { kind: 'bool', help: 'Do not ask the server for compressed answers.' },
  'insecure-skip-tls-verify': { kind: 'bool', help: "Do not check the server's certificate." },
  kubeconfig: { kind: 'string', help: 'The kubeconfig file to use.' },
  kuberc: { kind: 'string', help: 'The file with preferences; `off` for none.' },
  'log-flush-frequency': { kind: 'duration', default: '5s', help: 'How long logs may be held back at most.' },
  'match-server-version': { kind: 'bool', help: 'Refuse to work with a server of another version.' },
  namespace: { kind: 'string', short: 'n', help: 'The namespace to work in.' },
  password: { kind: 'string', help: 'The password for basic authentication.' },
  profile: {
    kind: 'string',
    default: 'none',
    help: 'The profile to capture: none, cpu, heap, goroutine, threadcreate, block, mutex or trace.',
  },
  'profile-output': { kind: 'string', default: 'profile.pprof', help: 'The file the profile goes to.' },
  'request-timeout': {
    kind: 'string',
    default: '0',
    help: 'How long to wait for one answer of the server, such as 1s, 2m, 3h; 0 for as long as it takes.',
  },
  server: { kind: 'string', short: 's', help: 'Address and port of the API server.' },
  'tls-server-name': {
    kind: 'string',
    help: "The name that the server's certificate must have, when it is not the host's.",
  },
  token: { kind: 'string', help: 'The bearer token to show to the server.' },
  user: { kind: 'string', help: 'The user of the kubeconfig to be.' },
  username: { kind: 'string', help: 'The user name for basic authentication.' },
  v: { kind: 'int32', short: 'v', help: 'How much to log.' },
  version: { kind: 'string', default: 'false', alone: 'true', help: 'Print the version and end.' },
  vmodule: { kind: 'string', help: 'How much to log, file by file.' },
  'warnings-as-errors': { kind: 'bool', help: 'End badly when the server warns.' },
}

const PROFILES = ['none', 'cpu', 'heap', 'goroutine', 'threadcreate', 'block', 'mutex', 'trace']

export const isProfile = (name: string): boolean => PROFILES.includes(name)
