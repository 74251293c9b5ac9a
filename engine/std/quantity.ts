/**
 * Amounts of resources: `100m` of a processor, `64Mi` of memory, exact to a billionth. A quantity keeps the family of
 * its suffix (decimal, binary, exponent) and has one canonical text, which is what the API stores and prints.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go
 * Left out: nothing that a text can hold; amounts beyond 2^53 lose digits only where they are asked for as numbers.
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** `amount` × 10^`exponent`; a bigint only where a number would not be exact. */
export interface Quantity {
  readonly amount: number | bigint
  readonly exponent: number
  readonly format: QuantityFormat
  /** As it was written, when upstream takes that as canonical already. */
  readonly text?: string
}

export const FORMAT_PROBLEM =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
export const SUFFIX_PROBLEM = "unable to parse quantity's suffix"

const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** A power of ten (decimal) or of two (binary). */
interface Suffix {
  readonly power: number
  readonly format: QuantityFormat
}

const SUFFIXES: ReadonlyMap<string, Suffix> = new Map<string, Suffix>([
  ...BINARY_SUFFIXES.map((text, i): [string, Suffix] => [text, { power: 10 * i, format: 'BinarySI' }]),
  ...DECIMAL_SUFFIXES.map((text, i): [string, Suffix] => [text, { power: 3 * i - 9, format: 'DecimalSI' }]),
])

function suffixOf(text: string): Suffix | undefined {
  const known = SUFFIXES.get(text)
  if (known) return known
  return /^[eE][+-]?\d+$/.test(text) ? { power: Number(text.slice(1)), format: 'DecimalExponent' } : undefined
}

/** Everything in it may be empty, even the number: `m` is no amount of thousandths. */
const WRITTEN = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/

const MAX_INT64 = 9_223_372_036_854_775_807n
/** The finest that is kept; what is smaller counts as one of it. */
const NANO = -9

const exact = (amount: bigint): number | bigint => {
  const number = Number(amount)
  return Number.isSafeInteger(number) ? number : amount
}

const roundedUp = (amount: bigint, divisor: bigint): bigint => {
  const whole = amount / divisor
  return whole * divisor === amount ? whole : amount < 0n ? whole - 1n : whole + 1n
}

interface Written {
  readonly negative: boolean
  /** Without leading zeros, `0` when there are none left. */
  readonly digits: string
  readonly decimals: string
  readonly suffix: Suffix
}

/** Upstream takes a text as canonical by a rule of thumb, and prints it again as it was. */
function countsAsCanonical({ digits, decimals, suffix }: Written, exponent: number): boolean {
  const shifted = digits + decimals
  if (suffix.format === 'BinarySI') return (Number(digits.slice(-3)) & 7) !== 0
  return exponent % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0'
}

/** Few digits: kept as they are. Undefined when they are too many. */
function small(written: Written, text: string): Quantity | undefined {
  const { negative, digits, decimals, suffix } = written
  const isBinary = suffix.format === 'BinarySI'
  const room = isBinary
    ? 14 - digits.length - Math.trunc((suffix.power * 3) / 10)
    : 18 - digits.length - decimals.length
  const exponent = (isBinary ? 0 : suffix.power) - decimals.length
  if (room < 0 || exponent < NANO || (isBinary && decimals)) return undefined
  const unsigned = BigInt(digits + decimals) << BigInt(isBinary ? suffix.power : 0)
  if (unsigned > MAX_INT64) return undefined
  const quantity = { amount: exact(negative ? -unsigned : unsigned), exponent, format: suffix.format }
  return countsAsCanonical(written, exponent) ? { ...quantity, text } : quantity
}

/** Many digits: rounded up to billionths, and binary ones are cut at the greatest integer. */
function large({ negative, digits, decimals, suffix }: Written): Quantity {
  const isBinary = suffix.format === 'BinarySI'
  let amount = BigInt(digits + decimals) << BigInt(isBinary ? suffix.power : 0)
  let exponent = (isBinary ? 0 : suffix.power) - decimals.length
  if (exponent < NANO) {
    amount = roundedUp(amount, 10n ** BigInt(NANO - exponent))
    exponent = NANO
  }
  const whole = exponent < 0 ? 10n ** BigInt(-exponent) : 1n
  const isFraction = amount > 0n && amount < whole
  if (isBinary && amount > MAX_INT64 * whole) [amount, exponent] = [MAX_INT64, 0]
  const format = isBinary && isFraction ? 'DecimalSI' : suffix.format
  return { amount: exact(negative ? -amount : amount), exponent, format }
}

const stripped = (digits: string): string => digits.replace(/^0+/, '') || '0'

function parse(text: string): Quantity | string {
  const match = WRITTEN.exec(text)
  if (!match || text === '') return FORMAT_PROBLEM
  const [, sign, digits, decimals = '', suffixText] = match
  const suffix = suffixOf(suffixText!)
  if (!suffix) return SUFFIX_PROBLEM
  const written = { negative: sign === '-', digits: stripped(digits!), decimals, suffix }
  return small(written, text) ?? large(written)
}

const parsed = new Map<string, Quantity | string>()
const PARSED_LIMIT = 10_000

/** The quantity, or what is wrong with the text. Remembers: the same few texts are read again and again. */
export function readQuantity(text: string): Quantity | string {
  const known = parsed.get(text)
  if (known !== undefined) return known
  if (parsed.size >= PARSED_LIMIT) parsed.clear()
  const quantity = parse(text)
  parsed.set(text, quantity)
  return quantity
}

export const parseQuantity = (text: string): Quantity | undefined => {
  const quantity = readQuantity(text)
  return typeof quantity === 'string' ? undefined : quantity
}

/** A quantity that was decoded before, so that it must be one. */
export function quantityOf(text: string): Quantity {
  const quantity = readQuantity(text)
  if (typeof quantity === 'string') throw new Error(`${text}: ${quantity}`)
  return quantity
}

export const isZeroQuantity = ({ amount }: Quantity): boolean => amount === 0 || amount === 0n

const quantity = (amount: bigint, exponent: number, format: QuantityFormat): Quantity => ({
  amount: exact(amount),
  exponent,
  format,
})

/** Both amounts in the finer unit of the two. */
function aligned(a: Quantity, b: Quantity): readonly [a: bigint, b: bigint, exponent: number] {
  const exponent = Math.min(a.exponent, b.exponent)
  return [atExponent(a, exponent), atExponent(b, exponent), exponent]
}

const atExponent = ({ amount, exponent }: Quantity, finer: number): bigint =>
  BigInt(amount) * 10n ** BigInt(exponent - finer)

export function compareQuantities(a: Quantity, b: Quantity): number {
  if (a.exponent === b.exponent) return a.amount < b.amount ? -1 : a.amount > b.amount ? 1 : 0
  const [left, right] = aligned(a, b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** The sum, in the format of the first unless that is nothing. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const [left, right, exponent] = aligned(a, b)
  return quantity(left + right, exponent, isZeroQuantity(a) ? b.format : a.format)
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  const [left, right, exponent] = aligned(a, b)
  return quantity(left - right, exponent, isZeroQuantity(a) ? b.format : a.format)
}

export const negatedQuantity = ({ amount, exponent, format }: Quantity): Quantity => ({
  amount: -amount,
  exponent,
  format,
})

/** A whole number of something: Pods, bytes, thousandths (`exponent` −3). */
export const wholeQuantity = (amount: number | bigint, format: QuantityFormat, exponent = 0): Quantity => ({
  amount,
  exponent,
  format,
})

/** How many 10^`exponent` it is, fractions rounded up (away from nothing). */
function scaledBy(from: Quantity, exponent: number): bigint {
  if (from.exponent >= exponent) return atExponent(from, exponent)
  return roundedUp(BigInt(from.amount), 10n ** BigInt(exponent - from.exponent))
}

const POWERS = [1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

function scaledNumber(from: Quantity, exponent: number): number {
  const { amount } = from
  const power = POWERS[from.exponent - exponent]
  if (typeof amount === 'number' && power !== undefined && Number.isSafeInteger(amount * power)) return amount * power
  return Number(scaledBy(from, exponent))
}

/** As a whole number: bytes, Pods. Fractions round up. */
export const valueOfQuantity = (from: Quantity): number => scaledNumber(from, 0)

/** In thousandths: processors. */
export const milliValueOfQuantity = (from: Quantity): number => scaledNumber(from, -3)

/** As floating point, for ratios and for display. */
export const approximateQuantity = ({ amount, exponent }: Quantity): number => Number(amount) * 10 ** exponent

/** Rounded up to a multiple of 10^`exponent`; the very same when nothing finer is in it. */
export const roundedQuantity = (from: Quantity, exponent: number): Quantity =>
  from.exponent >= exponent ? from : quantity(scaledBy(from, exponent), exponent, from.format)

/** `amount` without its factors of `factor`, and how many there were. */
function withoutFactors(amount: bigint, factor: bigint): readonly [rest: bigint, times: number] {
  let times = 0
  while (amount !== 0n && amount % factor === 0n) {
    amount /= factor
    times++
  }
  return [amount, times]
}

function decimalText(from: Quantity, format: QuantityFormat): string {
  let [amount, times] = withoutFactors(BigInt(from.amount), 10n)
  let exponent = from.exponent + times
  for (; exponent % 3 !== 0; exponent--) amount *= 10n
  if (format === 'DecimalExponent') return exponent === 0 ? `${amount}` : `${amount}e${exponent}`
  return `${amount}${DECIMAL_SUFFIXES[exponent / 3 + 3] ?? ''}`
}

function binaryText(whole: bigint): string {
  const [amount, times] = withoutFactors(whole, 1024n)
  return `${amount}${BINARY_SUFFIXES[times] ?? ''}`
}

/** Binary suffixes are for whole amounts from 1024 on. */
function isPrintedBinary(from: Quantity, whole: bigint): boolean {
  if (from.format !== 'BinarySI' || (whole > -1024n && whole < 1024n)) return false
  return from.exponent >= 0 || whole * 10n ** BigInt(-from.exponent) === BigInt(from.amount)
}

/** The canonical text. */
export function quantityText(from: Quantity): string {
  if (from.text !== undefined) return from.text
  if (isZeroQuantity(from)) return '0'
  const whole = from.format === 'BinarySI' ? scaledBy(from, 0) : 0n
  return isPrintedBinary(from, whole)
    ? binaryText(whole)
    : decimalText(from, from.format === 'DecimalExponent' ? 'DecimalExponent' : 'DecimalSI')
}
