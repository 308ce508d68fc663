export { readDeclaration, type ReadDeclaration } from './read-declaration.js';
export { readModelPrices, readPrices } from './read-prices.js';
