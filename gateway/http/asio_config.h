// Before any header of Asio. ThreadSanitizer does not know bare memory fences, and g++ says so:
// under it Asio goes without them; its queues' mutexes order the handlers all the same.
#ifndef GATEWAY_HTTP_ASIO_CONFIG_H_
#define GATEWAY_HTTP_ASIO_CONFIG_H_

#ifdef __SANITIZE_THREAD__
#define BOOST_ASIO_DISABLE_FENCED_BLOCK 1
#endif

#endif  // GATEWAY_HTTP_ASIO_CONFIG_H_
