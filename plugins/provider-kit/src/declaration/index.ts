export { readDeclaration, type ReadDeclaration } from './read-declaration.js';
