import { expect, test } from 'vitest'
import { readTokens } from './token-file.ts'

test('a line is a token, a user, a uid, and groups', () => {
  const tokens = readTokens('abc,jane,42,"team-a, team-b"\r\n\nxyz,"O""Brien",\n', 'tokens.csv')
  expect(tokens.get('abc')).toEqual({ name: 'jane', uid: '42', groups: ['team-a', 'team-b', 'system:authenticated'] })
  expect(tokens.get('xyz')).toEqual({ name: 'O"Brien', groups: ['system:authenticated'] })
})

test('a line that is no CSV, or too short, is named', () => {
  expect(() => readTokens('a,b,c\nabc,jane\n', 'tokens.csv')).toThrow('tokens.csv:2: a line is token,user,uid')
  expect(() => readTokens('a,"b"c,d\n', 'tokens.csv')).toThrow('tokens.csv:1: this is no CSV')
})
