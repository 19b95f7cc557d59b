import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** What stands in Ferry's source: types are gone at run time. Paths are from the project's root. */

const ROOT = join(import.meta.dirname, "..", "..");

/** Visits every node of a file. */
export function eachNode(path: string, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node);
    node.forEachChild(walk);
  };
  walk(ts.createSourceFile(path, readFileSync(join(ROOT, path), "utf8"), ts.ScriptTarget.Latest, true));
}

/** The names in a union of texts. */
export function namesOfUnion(path: string, type: string): string[] {
  const names: string[] = [];
  eachNode(path, (node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== type || !ts.isUnionTypeNode(node.type)) return;
    for (const part of node.type.types) {
      if (ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal)) names.push(part.literal.text);
    }
  });
  return names;
}

/** The values that a field is given by name, wherever it is written. */
export function valuesOfField(path: string, field: string): string[] {
  const values = new Set<string>();
  eachNode(path, (node) => {
    if (!ts.isPropertyAssignment(node) || node.name.getText() !== field) return;
    if (ts.isStringLiteral(node.initializer)) values.add(node.initializer.text);
  });
  return [...values];
}
