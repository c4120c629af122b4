import type { SchemaQuestions } from '../schema-questions.js'

export const sqlserverSchema: SchemaQuestions = {
  indexes: [
    'select t.name as table_name, i.name as index_name, cast(i.is_unique as int) as is_unique, c.name as column_name',
    'from sys.indexes i join sys.tables t on t.object_id = i.object_id',
    'join sys.index_columns k on k.object_id = i.object_id and k.index_id = i.index_id and k.key_ordinal > 0',
    'join sys.columns c on c.object_id = k.object_id and c.column_id = k.column_id',
    "where t.name like N'latchkey%' and i.is_disabled = 0 order by t.name, i.name, k.key_ordinal",
  ].join(' '),
  texts: [
    'select table_name as table_name, column_name as column_name, collation_name as collation,',
    'character_maximum_length as most, is_nullable as nullable from information_schema.columns',
    "where table_name like N'latchkey%' and collation_name is not null order by table_name, column_name",
  ].join(' '),
  isBytewise: (collation) => /_BIN2?$/.test(collation ?? ''),
  makeBytewise: ({ table_name, column_name, most, nullable }) =>
    `alter table ${table_name} alter column ${column_name} nvarchar(${most === -1 ? 'max' : most}) collate Latin1_General_100_BIN2 ${nullable === 'YES' ? 'null' : 'not null'}`,
  mayMakeTables: "select has_perms_by_name(db_name(), 'DATABASE', 'CREATE TABLE') as may",
}
