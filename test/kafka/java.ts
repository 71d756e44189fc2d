import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const oldest = 17

/** The program `java`: of JAVA_HOME where that is set, else the one on the path. */
export const javaProgram = (): string => (process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java')

/** Why Java cannot run the broker, and what to do about it; undefined when it can. */
export const javaProblem = (): string | undefined => {
  const advice = `install a JDK or JRE of version ${oldest} or newer (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk) and put it on PATH or into JAVA_HOME`
  const { error, status, stderr } = spawnSync(javaProgram(), ['-version'], { encoding: 'utf8' })
  if (error || status !== 0) return `Java is missing (tried ${javaProgram()}): ${advice}`
  const version = /version "(?:1\.)?(\d+)/.exec(stderr)?.[1]
  if (Number(version) >= oldest) return undefined
  return `Java ${version ?? '(of unknown version)'} is too old: ${advice}`
}

/** Why Maven cannot fetch anything, and what to do about it; undefined when it is there. */
export const mavenProblem = (): string | undefined => {
  const { error, status } = spawnSync('mvn', ['-v'], { stdio: 'ignore' })
  if (!error && status === 0) return undefined
  return 'Maven is missing, which fetches the libraries once: install it (Debian: apt install maven; macOS: brew install maven) and put mvn on PATH'
}
