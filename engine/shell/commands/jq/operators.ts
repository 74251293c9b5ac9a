/** What `+`, `==` and the like make of two values. */
import { compare, isList, isObject, type Json, type JsonObject, named, problem } from './json.ts'

const cannot = (left: Json, right: Json, done: string): never => {
  throw problem(`${named(left)} and ${named(right)} cannot be ${done}`)
}

function merged(left: JsonObject, right: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...left }
  for (const [key, value] of Object.entries(right)) {
    const before = Object.hasOwn(left, key) ? left[key]! : null
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value
  }
  return result
}

function add(left: Json, right: Json): Json {
  if (left === null) return right
  if (right === null) return left
  if (typeof left === 'number' && typeof right === 'number') return left + right
  if (typeof left === 'string' && typeof right === 'string') return left + right
  if (isList(left) && isList(right)) return [...left, ...right]
  if (isObject(left) && isObject(right)) return { ...left, ...right }
  return cannot(left, right, 'added')
}

function subtract(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (!isList(left) || !isList(right)) return cannot(left, right, 'subtracted')
  return left.filter((item) => !right.some((other) => compare(item, other) === 0))
}

function multiply(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') return left * right
  if (typeof left === 'string' && typeof right === 'number') return right > 0 ? left.repeat(Math.ceil(right)) : null
  if (isObject(left) && isObject(right)) return merged(left, right)
  return cannot(left, right, 'multiplied')
}

function divide(left: Json, right: Json): Json {
  if (typeof left === 'string' && typeof right === 'string') return left === '' ? [] : left.split(right)
  if (typeof left !== 'number' || typeof right !== 'number') return cannot(left, right, 'divided')
  return right === 0 ? cannot(left, right, 'divided because the divisor is zero') : left / right
}

function remainder(left: Json, right: Json): Json {
  if (typeof left !== 'number' || typeof right !== 'number') return cannot(left, right, 'divided')
  const divisor = Math.abs(Math.trunc(right))
  return divisor === 0
    ? cannot(left, right, 'divided (remainder) because the divisor is zero')
    : Math.trunc(left) % divisor
}

const OPERATORS: Readonly<Record<string, (left: Json, right: Json) => Json>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': remainder,
  '==': (left, right) => compare(left, right) === 0,
  '!=': (left, right) => compare(left, right) !== 0,
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '>': (left, right) => compare(left, right) > 0,
  '>=': (left, right) => compare(left, right) >= 0,
}

export const calculate = (operator: string, left: Json, right: Json): Json => OPERATORS[operator]!(left, right)
