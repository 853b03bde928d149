import { actor, child, createSystem, supervisor } from 'holdfast'

class Overdrawn extends Error {}

const account = actor({
  name: 'account',
  state: () => ({ balance: 0 }),
  onFailure: { Overdrawn: 'resume' },
  on: {
    deposit(ctx, { amount }: { amount: number }) {
      ctx.state.balance += amount
    },
    withdraw(ctx, { amount }: { amount: number }) {
      ctx.state.balance -= amount
      if (ctx.state.balance < 0) throw new Overdrawn('not enough') // takes the line above back
      return ctx.state.balance
    },
  },
})
const bank = supervisor({ name: 'bank', children: [child(account)] })

const system = await createSystem({ name: 'bank', root: bank, data: '.holdfast/bank' })
const savings = system.ref(account, '/bank/account')
savings.tell('deposit', { amount: 5 })
console.log(await savings.ask('withdraw', { amount: 2 })) // answers when it is on the disk
await system.stop()
