// Lists that come page by page. Each has an end here too: one that goes on beyond it is an error,
// so that a part is never taken for the whole.
//
//   FAIRLEAD_ASSIGN(const auto all, AllPages<v1::ListStaffResponse>(context, kListStaff, request));
#ifndef GATEWAY_CLI_PAGING_H_
#define GATEWAY_CLI_PAGING_H_

#include <string>
#include <string_view>

#include "gateway/cli/context.h"

namespace fairlead::cli {

inline constexpr int kPageSize = 100;  // rows; what the contract allows
inline constexpr int kMaxPages = 100;  // 10,000 rows: what a person reads ends far earlier

// The error of a list that does not end.
inline tl::unexpected<Error> ListTooLong(int pages) {
  return Fail(Code::kResourceExhausted, "LIST_TOO_LONG",
              "The hub lists more than " + std::to_string(pages * kPageSize) +
                  " rows: too many to show at once.");
}

// Calls `on_page` with each answer, in order, until the last page or until it returns false.
// Errors: those of the calls and of `on_page`; RESOURCE_EXHAUSTED LIST_TOO_LONG after `max_pages`.
template <class Response, class Request, class OnPage>
Result<void> EachPage(Context& context, std::string_view method, Request request,
                      const OnPage& on_page, int max_pages = kMaxPages) {
  request.set_page_size(kPageSize);
  for (int page = 0; page < max_pages; ++page) {
    FAIRLEAD_ASSIGN(const Response response, context.client().Call<Response>(method, request));
    FAIRLEAD_ASSIGN(const bool goes_on, on_page(response));
    if (!goes_on || response.next_page_token().empty()) return {};
    request.set_page_token(response.next_page_token());
  }
  return ListTooLong(max_pages);
}

// All pages as one answer.
template <class Response, class Request>
Result<Response> AllPages(Context& context, std::string_view method, Request request) {
  Response all;
  const auto add = [&](const Response& page) -> Result<bool> {
    all.MergeFrom(page);  // the rows of one after those of the other
    return true;
  };
  FAIRLEAD_RETURN_IF_ERROR(EachPage<Response>(context, method, std::move(request), add));
  all.clear_next_page_token();
  return all;
}

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_PAGING_H_
