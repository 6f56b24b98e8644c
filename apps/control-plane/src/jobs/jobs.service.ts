import type { AtQuestions, CreateJob, Job, JobQuery, Page, UpdateAtQuestions } from '@towline/protocol/http';
import { authorise, type Caller } from '../operators/authorise.ts';
import { found, refusal } from '../platform/refusal.ts';
import { atQuestionsForAll } from './at-questions.ts';
import { type JobsRepository, maxOpenJobs } from './jobs.repository.ts';
import { notAskable } from './may-be-ordered.repository.ts';

export class JobsService {
  readonly #jobs: JobsRepository;

  constructor(jobs: JobsRepository) {
    this.#jobs = jobs;
  }

  async create(caller: Caller, request: CreateJob): Promise<Job> {
    if (request.force && authorise(caller, 'hold.override', caller.tenant) !== 'allowed')
      throw refusal('auth.forbidden', `the role ${caller.role} does not allow orders against a hold`);
    const creation = await this.#jobs.create(caller, request);
    switch (creation.outcome) {
      case 'created':
      case 'exists':
        return creation.job;
      case 'no-device':
        throw refusal('request.invalid', 'nothing was ordered', [{ path: 'device', message: 'no such device' }]);
      case 'too-many':
        throw refusal('resource.conflict', `the device has ${maxOpenJobs} open jobs: wait, or cancel one`);
      case 'on-hold':
        throw refusal('site.on-hold', 'somebody is at work at the site of the device: wait until the hold is lifted');
      case 'not-allowed':
        throw refusal('request.invalid', 'nothing was ordered', [notAskable]);
      case 'id-taken':
        throw refusal('resource.conflict', 'another job has this id');
    }
  }

  list(caller: Caller, query: JobQuery): Promise<Page<Job>> {
    return this.#jobs.list(caller.tenant, query);
  }

  async questions(caller: Caller): Promise<AtQuestions> {
    return { forAll: [...atQuestionsForAll], added: await this.#jobs.addedQuestions(caller.tenant) };
  }

  async updateQuestions(caller: Caller, change: UpdateAtQuestions): Promise<AtQuestions> {
    await this.#jobs.updateQuestions(caller, change);
    return this.questions(caller);
  }

  async get(caller: Caller, id: string): Promise<Job> {
    return found(await this.#jobs.get(caller.tenant, id), 'job');
  }

  async cancel(caller: Caller, id: string): Promise<Job> {
    return found(await this.#jobs.cancel(caller, id), 'job');
  }
}
