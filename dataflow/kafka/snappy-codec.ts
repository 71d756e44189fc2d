import kafkajs from 'kafkajs'
import snappy from 'snappy'

/** The head of Java's framed snappy (xerial): blocks with a length each. Ours are plain blocks, which Java reads too. */
const framed = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const framedHeadBytes = 16

/** Teaches kafkajs snappy, which it names but does not bring along. */
export const useSnappy = (): void => {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => snappy.compressSync(buffer),
    decompress: async (bytes: Buffer) => decompress(bytes),
  })
}

const decompress = (bytes: Buffer): Buffer => {
  if (!bytes.subarray(0, framed.length).equals(framed)) return snappy.uncompressSync(bytes) as Buffer
  const blocks: Buffer[] = []
  for (let at = framedHeadBytes; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    blocks.push(snappy.uncompressSync(bytes.subarray(at + 4, at + 4 + length)) as Buffer)
    at += 4 + length
  }
  return Buffer.concat(blocks)
}
