import { expect, it } from 'vitest'
import { headerCommentOf, isSource } from './header-comment.js'

it.each([
  ['/* @license MIT */\ncode()', '/* @license MIT */'],
  ['#!/usr/bin/env node\n"use strict";\n// Copyright X\n// MIT\ncode()', '// Copyright X\n// MIT'],
  ['# SPDX-License-Identifier: MIT\nprint(1)', '# SPDX-License-Identifier: MIT'],
  ['<!-- licence: MIT -->\n<template/>', '<!-- licence: MIT -->'],
  ['/* eslint-disable */\n/*! v1 | (c) X | MIT License */\ncode()', '/*! v1 | (c) X | MIT License */'],
  ['// cycle.js\n// Public Domain.\ncode()', '// cycle.js\n// Public Domain.'],
])('the licence comment of %j is %j', (head, comment) => {
  expect(headerCommentOf(head, 1_000)).toBe(comment)
})

it.each(['code() /* @license MIT */', '/* what this file does */\ncode()', ''])('%j has none', (head) => {
  expect(headerCommentOf(head, 1_000)).toBeNull()
})

it('a comment that does not end within the head is still read, up to the limit', () => {
  expect(headerCommentOf(`/* License: ${'x'.repeat(100)}`, 20)).toBe('/* License: xxxxxxx…')
})

it('source files are known by their names', () => {
  expect(['a.mjs', 'a.d.ts', 'a.c', 'a.PY'].every(isSource)).toBe(true)
  expect(['a.json', 'a.md', 'LICENSE', 'a.node'].some(isSource)).toBe(false)
})
