/** The schema registry port: schema texts by number, the same number for the same text for ever. */
export interface SchemaRegistry {
  /** The id of a schema text under a subject, made when new. */
  register(subject: string, schemaText: string): Promise<number>
  /** The text behind an id; KalamError undecodable when there is none. */
  schemaText(id: number): Promise<string>
}
