import type { Shape } from './shape.js';
import { isRecord } from './types.js';

export interface PropertyShape {
  name: string;
  optional: boolean;
  /** Null stands for absence here. */
  strips: boolean;
  shape: Shape;
}

/** Reads objects. The original is never changed: a copy is made when the first property differs. */
export function makeObjectShape(properties: PropertyShape[], open: boolean, rest: Shape | undefined): Shape {
  const byName = new Map(properties.map((property) => [property.name, property]));
  const busy = properties.filter((property) => property.strips || property.shape.decode);

  const fits = (value: unknown): boolean => {
    if (!isRecord(value)) return false;
    for (const { name, optional, strips, shape } of properties) {
      if (!Object.hasOwn(value, name)) {
        if (!optional) return false;
      } else if (!(strips && value[name] === null) && !shape.fits(value[name])) return false;
    }
    return Object.keys(value).every(
      (name) => byName.has(name) || (open && (rest?.fits(value[name]) ?? true)),
    );
  };
  if (busy.length === 0 && !rest?.decode) return { fits };

  const decode = (value: unknown): unknown => {
    if (!isRecord(value)) return value;
    let copy: Record<string, unknown> | undefined;
    for (const { name, strips, shape } of busy) {
      if (!Object.hasOwn(value, name)) continue;
      const given = value[name];
      if (given === null && strips) {
        delete (copy ??= { ...value })[name];
        continue;
      }
      const decoded = shape.decode ? shape.decode(given) : given;
      if (decoded !== given) setOwn((copy ??= { ...value }), name, decoded);
    }
    if (rest?.decode) {
      for (const name of Object.keys(value)) {
        if (byName.has(name)) continue;
        const decoded = rest.decode(value[name]);
        if (decoded !== value[name]) setOwn((copy ??= { ...value }), name, decoded);
      }
    }
    return copy ?? value;
  };
  return { fits, decode };
}

/** Reads arrays: the first items each by a shape of their own, the others by the last one. */
export function makeArrayShape(prefix: Shape[], rest: Shape): Shape {
  const fits = (value: unknown): boolean =>
    Array.isArray(value) && value.every((item, index) => (prefix[index] ?? rest).fits(item));
  if (!rest.decode && prefix.every((shape) => !shape.decode)) return { fits };

  const decode = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index += 1) {
      const shape = prefix[index] ?? rest;
      if (!shape.decode) continue;
      const decoded = shape.decode(value[index]);
      if (decoded !== value[index]) (copy ??= [...(value as unknown[])])[index] = decoded;
    }
    return copy ?? value;
  };
  return { fits, decode };
}

/**
 * Reads a value by the branch it fits. If it fits several that would read it differently, a branch that leaves it as
 * it is wins, for then it is already right; else the first, whose schema the result does satisfy.
 */
export function makeUnionShape(branches: Shape[]): Shape {
  const fits = (value: unknown): boolean => branches.some((branch) => branch.fits(value));
  if (branches.every((branch) => !branch.decode)) return { fits };

  const decode = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    let first: { decoded: unknown } | undefined;
    for (const branch of branches) {
      if (!branch.fits(value)) continue;
      const decoded: unknown = branch.decode ? branch.decode(value) : value;
      if (decoded === value) return value;
      first ??= { decoded };
    }
    return first ? first.decoded : value;
  };
  return { fits, decode };
}

/** Assignment would change the prototype if the property were called "__proto__". */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
