/** What a script can rely on. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  unsupported: 3,
  credentials: 4,
  state: 5,
  someRowsFailed: 6,
  interrupted: 130,
} as const;
