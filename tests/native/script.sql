create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i+1 from n where i<3000) insert into t select i, 'row '||i||hex(i*i), i*1.5 from n;
create index tb on t(b);
select count(*), sum(c), max(b) from t where b like 'row 1%';
select a%7, avg(c), group_concat(substr(b,1,3)) from t where a<50 group by 1 order by 2 desc;
update t set c=c+1 where a%3=0; delete from t where a%5=0;
select json_extract('{"x":[1,2,3]}','$.x[1]'), printf('%08.3f', sum(c)) from t; 
select t1.a from t t1 join t t2 on t1.b=t2.b where t1.a<20;
