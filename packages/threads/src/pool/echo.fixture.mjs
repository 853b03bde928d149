export const doTask = () => ({ kind: 'begun' })
