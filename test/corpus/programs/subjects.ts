// What a subject's data leave behind: turns of which nothing can be said any more, and others beside them that are whole.

import { actor, child, supervisor } from 'holdfast'
import { openSubjects } from '@holdfast/journal'
import { MemorySubjectKeys } from '../../conformance/semantics/memory-subject-keys.js'
import { incident, sent, started, type Programs } from '../program.js'

const patient = actor({
  name: 'patient',
  subject: ({ of }: { of: string }) => of,
  state: ({ of }) => ({ of, notes: [] as string[] }),
  on: {
    note(ctx, text: string) {
      ctx.state.notes.push(text)
      ctx.tell(ctx.ref(desk, '/practice/desk'), 'count', text.length)
    },
  },
})

const desk = actor({
  name: 'desk',
  digestEvery: 1,
  state: () => ({ notes: 0 }),
  on: {
    count(ctx, length: number) {
      ctx.state.notes += length > 0 ? 1 : 0
    },
    notes: (ctx) => ctx.state.notes,
  },
})

const practice = supervisor({
  name: 'practice',
  children: [
    child(desk, { id: 'desk' }),
    child(patient, { id: 'first', args: { of: 'ana' } }),
    child(patient, { id: 'second', args: { of: 'bob' } }),
  ],
})

export const subjects: Programs = {
  shredded: {
    swarm: { root: practice },
    async record() {
      const world = await started({ root: practice, subjects: openSubjects(new MemorySubjectKeys(), {}) })
      await sent(world, '/practice/first', [['note', 'headache']])
      await sent(world, '/practice/second', [['note', 'cough']])
      const shredding = world.system.shred('ana')
      for (let round = 0; round < 20; round++) await world.advance(10)
      await shredding
      await sent(world, '/practice/desk', [['count', 1]])
      world.tell('/practice/second', 'note', 'better', incident)
      await world.settle()
      return world
    },
  },
}
