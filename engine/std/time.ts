/**
 * Virtual time. A world begins at `EPOCH` and counts whole milliseconds; nothing in the engine reads a clock.
 * Timestamps in objects are written from it in the two forms the API uses.
 */
export type Millis = number

/** When every world begins: 2026-01-05T09:00:00Z, a Monday morning. */
export const EPOCH: Millis = 1_767_603_600_000

export const seconds = (count: number): Millis => count * 1000
export const minutes = (count: number): Millis => count * 60_000
export const hours = (count: number): Millis => count * 3_600_000

const DAY: Millis = 86_400_000

const pad = (value: number, width: number): string => String(value).padStart(width, '0')

/** Year, month and day of a count of days since 1970-01-01 (Hinnant's civil-from-days). */
function civil(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day]
}

function dateOf(unix: Millis): string {
  const [year, month, day] = civil(Math.floor(unix / DAY))
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
}

function clockOf(unix: Millis): string {
  const second = Math.floor((unix - Math.floor(unix / DAY) * DAY) / 1000)
  return `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`
}

let lastSecond = Number.NaN
let lastText = ''

/** metav1.Time of an instant of Unix time: `2026-01-05T09:00:00Z`. */
export function unixTimestamp(unix: Millis): string {
  const second = Math.floor(unix / 1000)
  if (second !== lastSecond) {
    lastText = `${dateOf(unix)}T${clockOf(unix)}Z`
    lastSecond = second
  }
  return lastText
}

/** metav1.Time of a world's instant. */
export const timestamp = (now: Millis): string => unixTimestamp(EPOCH + now)

/** metav1.MicroTime of a world's instant: `2026-01-05T09:00:00.123000Z`. */
export const microTimestamp = (now: Millis): string =>
  `${timestamp(now).slice(0, -1)}.${pad((EPOCH + now) % 1000, 3)}000Z`

const daysBefore = (year: number, month: number, day: number): number => {
  const shiftedYear = month <= 2 ? year - 1 : year
  const era = Math.floor(shiftedYear / 400)
  const yearOfEra = shiftedYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** Unix milliseconds of an RFC 3339 time, or undefined if it is none. */
export function parseUnix(text: string): Millis | undefined {
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = match
  const offset = sign ? (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes)) : 0
  const clock = (Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)
  const millis = Math.floor(Number(`0.${fraction ?? 0}`) * 1000)
  return daysBefore(Number(year), Number(month), Number(day)) * DAY + clock * 1000 + millis
}

/** The world's instant of a timestamp in an object; undefined if it does not parse. */
export function instantOf(text: string): Millis | undefined {
  const unix = parseUnix(text)
  return unix === undefined ? undefined : unix - EPOCH
}
