export { VirtualAuthorities } from './authorities/virtual.js'
