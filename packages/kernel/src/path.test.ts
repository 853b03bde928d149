import { describe, expect, it } from 'vitest'
import { checkName, splitPath } from './path.js'

describe('a path', () => {
  it('is split into its names', () => {
    expect(splitPath('/bank/@scope|name/1.0.0')).toEqual(['bank', '@scope|name', '1.0.0'])
  })

  it.each(['', 'bank', '/', '/bank/', '//bank', '/a/\u0000', `/${'a'.repeat(201)}`, 7, null])(
    '%j is refused',
    (path) => {
      expect(() => splitPath(path)).toThrow(expect.objectContaining({ code: 'HF_INVALID', field: 'path' }))
    },
  )

  it('may be deep, but not without end', () => {
    expect(splitPath('/a'.repeat(4_096))).toHaveLength(4_096)
    expect(() => splitPath('/a'.repeat(4_097))).toThrow(expect.objectContaining({ field: 'path' }))
  })
})

describe('a name', () => {
  it.each(['', 'a/b', 'a\nb', '\u007f', undefined])('%j is refused with the field that held it', (name) => {
    expect(() => checkName(name, 'child.id')).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field: 'child.id' }),
    )
  })
})
