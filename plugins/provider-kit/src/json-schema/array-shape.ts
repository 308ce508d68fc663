import { appendPointer } from './pointer.js';
import { isRecord, keywordOf, type JsonSchema, type SchemaPart } from './types.js';

/** What schemas say together about the items of an array. */
export interface ArrayShape {
  /** Whether any of them speaks about items at all. */
  declared: boolean;
  lists: ItemList[];
}

/** The items of one schema: first those with a place of their own, then the rest. */
interface ItemList {
  path: string;
  prefix: SchemaPart[];
  /** Undefined if nothing is said about the rest, false if there must be none. */
  rest?: SchemaPart | false;
}

export function collectArrays(leaves: SchemaPart[]): ArrayShape {
  const lists = leaves.map(readItems).filter((list) => list !== undefined);
  return { declared: lists.length > 0, lists };
}

/** How many items have a place of their own. */
export function prefixLength(shape: ArrayShape): number {
  return Math.max(0, ...shape.lists.map((list) => list.prefix.length));
}

/** All schemas for the item at an index; undefined if there must be none. An empty list: nothing is said about it. */
export function itemParts(shape: ArrayShape, index: number): SchemaPart[] | undefined {
  const parts: SchemaPart[] = [];
  for (const list of shape.lists) {
    const own = list.prefix[index] ?? list.rest;
    if (own === false) return undefined;
    if (own) parts.push(own);
  }
  return parts;
}

function readItems(leaf: SchemaPart): ItemList | undefined {
  const items = keywordOf(leaf, 'items');
  const prefixItems = keywordOf(leaf, 'prefixItems');
  // Draft 7 writes a tuple as a list in `items` and the rest as `additionalItems`.
  const [prefixKeyword, restKeyword] = Array.isArray(items)
    ? ['items', 'additionalItems']
    : ['prefixItems', 'items'];
  const prefix = Array.isArray(items) ? items : Array.isArray(prefixItems) ? prefixItems : [];
  const rest = keywordOf(leaf, restKeyword as string);
  if (prefix.length === 0 && rest === undefined) return undefined;

  const list: ItemList = {
    path: leaf.path,
    prefix: prefix.map((schema: JsonSchema, index) => ({
      schema,
      path: appendPointer(leaf.path, prefixKeyword as string, index),
    })),
  };
  if (rest === false) list.rest = false;
  else if (rest === true || isRecord(rest)) {
    list.rest = { schema: rest as JsonSchema | true, path: appendPointer(leaf.path, restKeyword as string) };
  }
  return list;
}
