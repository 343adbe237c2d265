// What may happen, and what may be said about it: the vocabulary of log and metrics. A new event
// or key is a new line here, so that a reader of this file knows everything a log can contain.
#ifndef SERVICES_COMMON_TELEMETRY_EVENT_H_
#define SERVICES_COMMON_TELEMETRY_EVENT_H_

#include <cstdint>
#include <string_view>

namespace fairlead::telemetry {

// X(enumerator, name in the log)
#define FAIRLEAD_TELEMETRY_EVENTS(X)               \
  X(kProcessStarting, "process_starting")          \
  X(kProcessReady, "process_ready")                \
  X(kProcessDraining, "process_draining")          \
  X(kProcessStopped, "process_stopped")            \
  X(kConfigLoaded, "config_loaded")                \
  X(kServiceStarted, "service_started")            \
  X(kServiceStopped, "service_stopped")            \
  X(kServiceFailed, "service_failed")              \
  X(kListening, "listening")                       \
  X(kDatabaseOpened, "database_opened")            \
  X(kDatabaseLost, "database_lost")                \
  X(kMigrationApplied, "migration_applied")        \
  X(kCommitFailed, "commit_failed")                \
  X(kCheckpoint, "checkpoint")                     \
  X(kRedisConnected, "redis_connected")            \
  X(kRedisLost, "redis_lost")                      \
  X(kRedisChildStarted, "redis_child_started")     \
  X(kRedisChildExited, "redis_child_exited")       \
  X(kRelayResumed, "relay_resumed")                \
  X(kRelayPublished, "relay_published")            \
  X(kRelayStopped, "relay_stopped")                \
  X(kConsumerStarted, "consumer_started")          \
  X(kConsumerApplied, "consumer_applied")          \
  X(kConsumerFailed, "consumer_failed")            \
  X(kConsumerDeadLetter, "consumer_dead_letter")   \
  X(kCallFinished, "call_finished")                \
  X(kCallRefused, "call_refused")                  \
  X(kConnectionRefused, "connection_refused")      \
  X(kHttpRequest, "http_request")                  \
  X(kHttpRefused, "http_refused")                  \
  X(kEventStreamOpened, "event_stream_opened")     \
  X(kEventStreamClosed, "event_stream_closed")     \
  X(kSignIn, "sign_in")                            \
  X(kSignInRefused, "sign_in_refused")             \
  X(kSessionEnded, "session_ended")                \
  X(kRateLimited, "rate_limited")                  \
  X(kCustodyReleased, "custody_released")          \
  X(kCustodyDenied, "custody_denied")              \
  X(kCustodyShredded, "custody_shredded")          \
  X(kKeyCreated, "key_created")                    \
  X(kDenialsNotRecorded, "denials_not_recorded")   \
  X(kSweepFinished, "sweep_finished")              \
  X(kBackupMade, "backup_made")                    \
  X(kBackupFailed, "backup_failed")                \
  X(kDemoSeeded, "demo_seeded")

// The names of attributes. Nothing here invites free text.
#define FAIRLEAD_TELEMETRY_KEYS(X)        \
  X(kAgencyId, "agency_id")               \
  X(kStaffId, "staff_id")                 \
  X(kReferralId, "referral_id")           \
  X(kOfferId, "offer_id")                 \
  X(kReleaseId, "release_id")             \
  X(kEventId, "event_id")                 \
  X(kRequestId, "request_id")             \
  X(kTraceId, "trace_id")                 \
  X(kMethod, "method")                    \
  X(kCode, "code")                        \
  X(kReason, "reason")                    \
  X(kService, "service")                  \
  X(kStream, "stream")                    \
  X(kEngine, "engine")                    \
  X(kState, "state")                      \
  X(kHttpStatus, "http_status")           \
  X(kPort, "port")                        \
  X(kPid, "pid")                          \
  X(kErrno, "errno")                      \
  X(kSignal, "signal")                    \
  X(kVersion, "version")                  \
  X(kCount, "count")                      \
  X(kAttempt, "attempt")                  \
  X(kSequence, "sequence")                \
  X(kLag, "lag")                          \
  X(kInFlight, "in_flight")               \
  X(kBytes, "bytes")                      \
  X(kDurationMs, "duration_ms")

enum class Event : uint8_t {
#define FAIRLEAD_X(enumerator, name) enumerator,
  FAIRLEAD_TELEMETRY_EVENTS(FAIRLEAD_X)
#undef FAIRLEAD_X
};

enum class Key : uint8_t {
#define FAIRLEAD_X(enumerator, name) enumerator,
  FAIRLEAD_TELEMETRY_KEYS(FAIRLEAD_X)
#undef FAIRLEAD_X
};

// Which part of the house. Also the label `service` of metrics.
enum class Room : uint8_t {
  kHub,
  kGateway,
  kIdentity,
  kDirectory,
  kConsent,
  kReferral,
  kMessaging,
  kOther,
};

std::string_view LogName(Event event);
std::string_view LogName(Key key);
std::string_view LogName(Room room);
// "referral" → kReferral; anything strange → kOther.
Room RoomFromName(std::string_view name);

}  // namespace fairlead::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_EVENT_H_
