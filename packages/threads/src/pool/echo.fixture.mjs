export default () => ({ kind: 'begun' })
