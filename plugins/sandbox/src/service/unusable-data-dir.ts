/** The folder that should keep everything cannot be used, for a reason that a user can understand. */
export class UnusableDataDir extends Error {}
