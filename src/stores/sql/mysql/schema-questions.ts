import type { SchemaQuestions } from '../schema-questions.js'

export const mysqlSchema: SchemaQuestions = {
  indexes: [
    'select table_name as table_name, index_name as index_name, 1 - non_unique as is_unique, column_name as column_name',
    "from information_schema.statistics where table_schema = database() and table_name like 'latchkey%'",
    'order by table_name, index_name, seq_in_index',
  ].join(' '),
  texts: [
    'select table_name as table_name, column_name as column_name, collation_name as collation,',
    'character_maximum_length as most, is_nullable as nullable from information_schema.columns',
    "where table_schema = database() and table_name like 'latchkey%' and collation_name is not null",
    'order by table_name, column_name',
  ].join(' '),
  isBytewise: (collation) => /_(?:0900|nopad)_bin$/.test(collation ?? ''),
  makeBytewise: ({ table_name, column_name, most, nullable }) => {
    const type = most !== null && most < 16_384 ? `varchar(${most})` : 'mediumtext'
    const required = nullable === 'YES' ? '' : ' not null'
    return `alter table ${table_name} modify ${column_name} ${type} character set utf8mb4 collate utf8mb4_0900_bin${required} (on MariaDB utf8mb4_nopad_bin)`
  },
  // a right that comes with a role is not in these tables
  mayMakeTables: [
    "select (select count(*) from information_schema.user_privileges where privilege_type = 'CREATE')",
    "+ (select count(*) from information_schema.schema_privileges where privilege_type = 'CREATE' and database() like table_schema)",
    "+ (coalesce(current_role(), 'NONE') <> 'NONE') as may",
  ].join(' '),
}
