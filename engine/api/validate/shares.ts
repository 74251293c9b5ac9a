/**
 * How many of a number: counted, or as a share in percent.
 *
 * Upstream: pkg/apis/apps/validation/validation.go (ValidatePositiveIntOrPercent, IsNotMoreThan100Percent)
 */
import { type Check, FINE, like, must, notNegative } from './check.ts'
import { percent } from './formats.ts'

export type Share = number | string

const written = like(percent)

export const shareOrCount: Check<Share> = (share, path) =>
  typeof share === 'number' ? notNegative(share, path) : written(share, path)

const percentOf = (share: Share): number | undefined =>
  typeof share === 'string' && /^[0-9]+%$/.test(share) ? Number(share.slice(0, -1)) : undefined

const NOT_MORE = must<Share>((share) => (percentOf(share) ?? 0) <= 100, 'must not be greater than 100%')

export const upToHundredPercent: Check<Share> = (share, path) =>
  percentOf(share) === undefined ? FINE : NOT_MORE(share, path)

export const isZeroShare = (share: Share): boolean => share === 0 || percentOf(share) === 0
