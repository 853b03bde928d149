export * from '@holdfast/replay'
