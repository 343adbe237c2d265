-- Opening hours: a line for each HSDS schedule (services/common/calendar/hours.h, ToText).
ALTER TABLE listing ADD COLUMN schedules TEXT NOT NULL DEFAULT '';
