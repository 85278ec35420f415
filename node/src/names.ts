/** Names of the core as this package writes them. */

/** A name in camelCase. */
export function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** The same fields with their names in camelCase; what is below them stays. */
export function camelKeys(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [camel(name), value]));
}
