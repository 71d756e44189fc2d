import packageJson from '../package.json' with { type: 'json' }

/** Version of this kalam. */
export const version: string = packageJson.version
