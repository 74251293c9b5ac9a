/**
 * Probes and hooks: the ways in which a container is asked how it is, or told what comes.
 *
 * Upstream: pkg/apis/core/validation/validation.go (validateProbe, validateLifecycle)
 */
import type {
  Container,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  SleepAction,
  TCPSocketAction,
} from '../../../api/types.generated.ts'
import { all, at, type Check, FINE, join, must, need, notNegative, oneOf } from '../../../api/validate/check.ts'
import { httpHeaderName } from '../../../api/validate/formats.ts'
import { portNumber, portNumberOrName } from '../../../api/validate/ports.ts'
import { forbidden, invalid, required } from '../../../api/validate/problems.ts'
import type { SpecContext } from './spec-context.ts'

/** Upstream names the list and not the header. */
const headers: Check<HTTPGetAction> = ({ httpHeaders = [] }, path) =>
  httpHeaders.flatMap(({ name }) => httpHeaderName(name).map((detail) => invalid(`${path}.httpHeaders`, name, detail)))

const exec = all<ExecAction>(need('command'))
const httpGet = all<HTTPGetAction>(
  need('path'),
  (value, path) => portNumberOrName(value.port ?? 0, `${path}.port`),
  (value, path) => oneOf('HTTP', 'HTTPS')(value.scheme ?? '', `${path}.scheme`),
  headers,
)
const tcpSocket: Check<TCPSocketAction> = ({ port }, path) => portNumberOrName(port ?? 0, `${path}.port`)
const grpc: Check<GRPCAction> = ({ port }, path) => portNumber(port ?? 0, `${path}.port`)

const sleep =
  ({ gracePeriod }: SpecContext): Check<SleepAction> =>
  ({ seconds }, path) =>
    gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)
      ? FINE
      : [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)]

type Handlers = Readonly<Record<string, Check<never>>>

const PROBE_HANDLERS: Handlers = { exec, httpGet, tcpSocket, grpc }

const hookHandlers = (context: SpecContext): Handlers => ({ exec, httpGet, tcpSocket, sleep: sleep(context) })

/** Exactly one of several ways: the first that is there is checked, the others are too many. */
export const oneHandler =
  (handlers: Handlers): Check<object> =>
  (value, path) => {
    const present = Object.keys(handlers).filter((name) => (value as Record<string, unknown>)[name] !== undefined)
    const [chosen, ...others] = present
    if (chosen === undefined) return [required(path, 'must specify a handler type')]
    const tooMany = others.map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'))
    return join(handlers[chosen]!((value as Record<string, never>)[chosen]!, `${path}.${chosen}`), tooMany)
  }

const numbers = all<Probe>(
  at('initialDelaySeconds', notNegative),
  at('timeoutSeconds', notNegative),
  at('periodSeconds', notNegative),
  at('successThreshold', notNegative),
  at('failureThreshold', notNegative),
  at(
    'terminationGracePeriodSeconds',
    must((seconds) => seconds > 0, 'must be greater than 0'),
  ),
)

const probe = all<Probe>(oneHandler(PROBE_HANDLERS), numbers)

const once: Check<Probe> = (value, path) =>
  value.successThreshold === 1 ? FINE : [invalid(`${path}.successThreshold`, value.successThreshold ?? 0, 'must be 1')]

const noGracePeriod: Check<Probe> = ({ terminationGracePeriodSeconds: seconds }, path) =>
  seconds === undefined
    ? FINE
    : [invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must not be set for readinessProbes')]

const lifecycle = (context: SpecContext): Check<Lifecycle> => {
  const hook: Check<LifecycleHandler> = oneHandler(hookHandlers(context))
  return all<Lifecycle>(at('postStart', hook), at('preStop', hook))
}

/** Hooks and probes of a container that stays. */
export const hooksAndProbes = (context: SpecContext): Check<Container> =>
  all<Container>(
    at('lifecycle', lifecycle(context)),
    at('livenessProbe', all(probe, once)),
    at('readinessProbe', all(probe, noGracePeriod)),
    at('startupProbe', all(probe, once)),
  )

/** An init container ends, so there is nothing to probe. */
export const noHooksNorProbes: Check<Container> = (container, path) =>
  (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    .filter((name) => container[name] !== undefined)
    .map((name) => forbidden(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always'))
