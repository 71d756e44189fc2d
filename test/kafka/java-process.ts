import { javaProgram } from './java.ts'
import { type ServerOptions, type ServerProcess, serverProcess } from './server-process.ts'

/** A server in Java that can be made to fail. */
export type JavaProcess = ServerProcess

/** A server in Java that is not started yet. */
export const javaProcess = (options: Omit<ServerOptions, 'program'>): JavaProcess =>
  serverProcess({ ...options, program: javaProgram() })
