/** A port by number or by the name it has in its container. */
import type { Container } from '../../api/types.generated.ts'

/** Undefined: no port has this name, and it is no number either. */
export function portNumber(container: Container, port: string | number): number | undefined {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)
  if (named) return named.containerPort
  return /^\d+$/.test(port) ? Number(port) : undefined
}
