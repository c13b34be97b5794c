// SPDX-License-Identifier: GPL-3.0-or-later
// Built against the library as it is installed, and run: downloads a file, or says what went wrong.
async string download (string url) throws Error
{
  var client = new Ferry.Client ();
  var session = yield client.open_session_async ("vala", null, null);
  var options = new Variant.parsed ("{'start': <true>}");
  var task = yield session.create_download_task_async (url, options, null);
  Ferry.TaskList tasks = session.get_tasks ();
  ListModel model = tasks;
  tasks.items_changed.connect ((at, removed, added) => {});
  task.notify["state"].connect (() => {});

  ulong id = task.did_complete.connect ((serial, error) => download.callback ());
  if (!task.is_over ())
    yield;
  task.disconnect (id);
  if (task.error != null)
    throw task.error;
  if (task.state != Ferry.TaskState.FINISHED || model.get_item_type () != typeof (Ferry.Task))
    throw new Ferry.Error.STORE ("this is no end");
  return task.path;
}

int main (string[] args)
{
  var loop = new MainLoop ();
  int status = 1;

  download.begin (args[1], (object, result) => {
    try
      {
        print ("%s\n", download.end (result));
        status = 0;
      }
    catch (Ferry.Error.SERVER error)
      {
        print ("the server: %s\n", error.message);
      }
    catch (Error error)
      {
        print ("%s\n", error.message);
      }
    loop.quit ();
  });
  loop.run ();
  return status;
}
