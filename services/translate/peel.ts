export { peel } from '../../core/masking/peel.ts'
