-- What any system must do at least to book: take the bits if they are free, write the appointment, guard the range.
-- Each transaction takes a slot of its own (40 lanes, 60 days, 96 quarters of an hour), spread by a prime.
\set i :i + 1
\set slot ((:client_id + 16 * :i) * 7919) % 230400
\set lane :slot % 40
\set day (:slot / 40) % 60
\set quarter :slot / 2400
BEGIN;
UPDATE bench_mask SET free = free & ~(7::bit(288) << (285 - 3 * :quarter::int)) WHERE lane_id = :lane AND day = date '2027-01-01' + :day::int AND free & (7::bit(288) << (285 - 3 * :quarter::int)) = 7::bit(288) << (285 - 3 * :quarter::int);
INSERT INTO bench_appointment (lane_id, starts_at, state) VALUES (:lane, timestamptz '2027-01-01' + :day::int * interval '1 day' + :quarter::int * interval '15 min', 'held') RETURNING id \gset
INSERT INTO bench_occupation (appointment_id, lane_id, during) VALUES (:id, :lane, tstzrange(timestamptz '2027-01-01' + :day::int * interval '1 day' + :quarter::int * interval '15 min', timestamptz '2027-01-01' + :day::int * interval '1 day' + (:quarter::int + 1) * interval '15 min'));
END;
